// In front of every page while the password is one that somebody else gave: the hub answers nothing else until then. The
// address stays as it was, so that the page asked for comes next.
import { loadSession, problemFrom, send, session } from '../api.ts';
import { PasswordForm } from '../parts/password-form.tsx';
import { Tower } from '../parts/shell.tsx';
import { say, Toast } from '../parts/toast.tsx';

export function GivenPasswordPage() {
  const signOut = async (): Promise<void> => {
    try {
      await send('DELETE', 'session');
      await loadSession();
    } catch (error) {
      say(problemFrom(error).title);
    }
  };
  return (
    <main class="gate">
      <div class="stack">
        <h1 class="brand">
          <Tower />
          Atalaia
        </h1>
        <p>Your password was given to you. Choose one of your own, and the console opens.</p>
        <PasswordForm onChanged={loadSession} />
        <p class="small muted">
          Signed in as {session.value?.user?.name}.{' '}
          <button type="button" class="plain" onClick={() => void signOut()}>
            Sign out
          </button>
        </p>
      </div>
      <Toast />
    </main>
  );
}
