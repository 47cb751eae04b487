// Signing in. The address stays as it was, so that a link works for somebody who was signed out.
import { useSignal } from '@preact/signals';
import type { ProblemView, SessionView } from '../../api/shapes.ts';
import { problemFrom, send, session } from '../api.ts';
import { textOf } from '../parts/asking.tsx';
import { Tower } from '../parts/shell.tsx';
import { Field, ProblemBox } from '../parts/small-parts.tsx';

export function SignInPage() {
  const problem = useSignal<ProblemView | undefined>(undefined);
  const isBusy = useSignal(false);
  const signIn = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement) || isBusy.value) return;
    const form = new FormData(event.currentTarget);
    isBusy.value = true;
    try {
      session.value = await send<SessionView>('POST', 'session', { name: textOf(form, 'name'), password: textOf(form, 'password') });
    } catch (error) {
      problem.value = problemFrom(error);
    }
    isBusy.value = false;
  };
  return (
    <main class="gate">
      <form class="card" onSubmit={(event) => void signIn(event)} aria-label="Sign in">
        <h1 class="brand">
          <Tower />
          Atalaia
        </h1>
        <Field label="Name">
          <input name="name" autocomplete="username" autocapitalize="none" spellcheck={false} required autofocus />
        </Field>
        <Field label="Password">
          <input name="password" type="password" autocomplete="current-password" required />
        </Field>
        <ProblemBox problem={problem.value} />
        <button type="submit" class="primary" disabled={isBusy.value}>
          Sign in
        </button>
      </form>
    </main>
  );
}
