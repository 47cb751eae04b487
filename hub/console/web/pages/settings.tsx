// The own password and the theme; for administrators the people who may sign in.
import { useSignal } from '@preact/signals';
import { roles } from '../../api/roles.ts';
import type { ProblemView, UserView } from '../../api/shapes.ts';
import { get, may, problemFrom, send } from '../api.ts';
import { words } from '../format.ts';
import { useLoaded } from '../loading.ts';
import { Asking, Choice, textOf } from '../parts/asking.tsx';
import { PasswordForm } from '../parts/password-form.tsx';
import { Act, Field, ProblemBox, When } from '../parts/small-parts.tsx';
import { say } from '../parts/toast.tsx';
import { theme, themes } from '../theme.ts';

export function SettingsPage() {
  return (
    <>
      <div class="title">
        <h1>Settings</h1>
      </div>
      <div class={may('users.read') ? 'detail' : 'narrow'}>
        {may('users.read') && <People />}
        <div class="stack">
          <PasswordForm onChanged={() => say('Password changed; your other sessions have ended')} />
          <section class="card">
            <header>
              <h2>Theme</h2>
            </header>
            <div class="body tabs" role="group" aria-label="Theme">
              {themes.map((one) => (
                <button type="button" key={one} aria-pressed={theme.value === one} onClick={() => (theme.value = one)}>
                  {words(one)}
                </button>
              ))}
            </div>
          </section>
        </div>
      </div>
    </>
  );
}

function People() {
  const { value, problem, reload } = useLoaded((signal) => get<{ users: UserView[] }>('users', signal), { key: 'users' });
  const failed = useSignal<ProblemView | undefined>(undefined);
  const isAdding = useSignal(false);
  const change = async (user: UserView, wish: { readonly role: string; readonly isDisabled: boolean }): Promise<void> => {
    try {
      await send<UserView>('PUT', `users/${encodeURIComponent(user.name)}`, wish);
      failed.value = undefined;
    } catch (error) {
      failed.value = problemFrom(error);
    }
    reload();
  };
  return (
    <section class="card" aria-label="People">
      <header>
        <h2>People</h2>
        <span class="end">
          <Act action="users.change" onClick={() => (isAdding.value = true)}>
            Add
          </Act>
        </span>
      </header>
      <ProblemBox problem={failed.value ?? problem.value} />
      <ul class="rows">
        {value.value?.users.map((user) => (
          <li key={user.name}>
            <div>
              <span>
                {user.name}
                {!user.constituencies.includes('*') && <span class="muted"> for {user.constituencies.join(', ')}</span>}
              </span>
              <span class="muted small">
                {user.lastSignInMs === 0 ? 'has not signed in yet' : 'last signed in'} <When ms={user.lastSignInMs} never="" />
              </span>
              <span class="end row">
                <select
                  aria-label={`Role of ${user.name}`}
                  value={user.role}
                  onChange={(event) => void change(user, { role: event.currentTarget.value, isDisabled: user.isDisabled })}
                >
                  {roles.map((one) => (
                    <option key={one} value={one}>
                      {words(one)}
                    </option>
                  ))}
                </select>
                <Act action="users.change" onClick={() => void change(user, { role: user.role, isDisabled: !user.isDisabled })}>
                  {user.isDisabled ? 'Enable' : 'Disable'}
                </Act>
              </span>
            </div>
          </li>
        ))}
      </ul>
      {isAdding.value && <AddPerson onClose={() => (isAdding.value = false)} onDone={reload} />}
    </section>
  );
}

function AddPerson({ onClose, onDone }: { readonly onClose: () => void; readonly onDone: () => void }) {
  const add = async (form: FormData): Promise<void> => {
    await send<UserView>('POST', 'users', { name: textOf(form, 'name'), role: textOf(form, 'role'), password: textOf(form, 'password') });
    onDone();
  };
  return (
    <Asking title="Add a person" submit="Add" onClose={onClose} onSubmit={add}>
      <Field label="Name">
        <input name="name" required maxLength={64} autocomplete="off" />
      </Field>
      <Field label="Role">
        <Choice name="role" options={roles} chosen="analyst" />
      </Field>
      <Field label="First password, 12 characters or more; they change it">
        <input name="password" type="password" required minLength={12} autocomplete="new-password" />
      </Field>
    </Asking>
  );
}
