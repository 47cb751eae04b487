// One short sentence about what just happened, read aloud too; gone after a while, never the only place of an error.
import { signal } from '@preact/signals';

const text = signal('');
let timer: number | undefined;

export function say(sentence: string): void {
  text.value = sentence;
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    text.value = '';
  }, 6_000);
}

export function Toast() {
  return (
    <div class="toast" role="status" aria-live="polite">
      {text.value !== '' && <p>{text.value}</p>}
    </div>
  );
}
