// A change that needs a few words first: a form in a dialog that stays open, with everything typed, when the hub says no.
import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import type { ProblemView } from '../../api/shapes.ts';
import { problemFrom } from '../api.ts';
import { words } from '../format.ts';
import { Modal } from './modal.tsx';
import { ProblemBox } from './small-parts.tsx';

interface AskingProps {
  readonly title: string;
  readonly submit: string;
  readonly isDanger?: boolean;
  readonly onClose: () => void;
  /** Rejects when it was not done. */
  readonly onSubmit: (form: FormData) => Promise<void>;
  readonly children: ComponentChildren;
}

export function Asking({ title, submit, isDanger = false, onClose, onSubmit, children }: AskingProps) {
  const problem = useSignal<ProblemView | undefined>(undefined);
  const isBusy = useSignal(false);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!(event.currentTarget instanceof HTMLFormElement) || isBusy.value) return;
    const form = new FormData(event.currentTarget);
    isBusy.value = true;
    try {
      await onSubmit(form);
      onClose();
    } catch (error) {
      problem.value = problemFrom(error);
    }
    isBusy.value = false;
  };
  return (
    <Modal title={title} onClose={onClose}>
      <form class="stack" onSubmit={(event) => void send(event)}>
        {children}
        <ProblemBox problem={problem.value} />
        <div class="row">
          <button type="submit" class={isDanger ? 'danger' : 'primary'} disabled={isBusy.value}>
            {submit}
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Modal>
  );
}

/** A choice among words; the one that stands at first is marked in the option, as browsers want it. */
export function Choice({ name, options, chosen }: { readonly name: string; readonly options: readonly string[]; readonly chosen: string }) {
  return (
    <select name={name}>
      {options.map((option) => (
        <option key={option} value={option} selected={option === chosen}>
          {words(option)}
        </option>
      ))}
    </select>
  );
}

export function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
