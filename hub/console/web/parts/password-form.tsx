// Changing the own password: in the settings, and in front of everything else while it is one that somebody else gave.
import { useSignal } from '@preact/signals';
import type { ProblemView } from '../../api/shapes.ts';
import { problemFrom, send } from '../api.ts';
import { textOf } from './asking.tsx';
import { Field, ProblemBox } from './small-parts.tsx';

export function PasswordForm({ onChanged }: { readonly onChanged: () => void | Promise<void> }) {
  const problem = useSignal<ProblemView | undefined>(undefined);
  const change = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement)) return;
    const element = event.currentTarget;
    const form = new FormData(element);
    try {
      await send('PUT', 'session/password', { current: textOf(form, 'current'), next: textOf(form, 'next') });
      element.reset();
      problem.value = undefined;
      await onChanged();
    } catch (error) {
      problem.value = problemFrom(error);
    }
  };
  return (
    <form class="card" onSubmit={(event) => void change(event)} aria-label="Password">
      <header>
        <h2>Password</h2>
      </header>
      <div class="body stack">
        <Field label="Present password">
          <input name="current" type="password" autocomplete="current-password" required />
        </Field>
        <Field label="New password, 12 characters or more">
          <input name="next" type="password" autocomplete="new-password" required minLength={12} maxLength={256} />
        </Field>
        <ProblemBox problem={problem.value} />
        <div class="row">
          <button type="submit" class="primary">
            Change password
          </button>
        </div>
      </div>
    </form>
  );
}
