// The console's pages. Which page is shown follows from the address alone.
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import type { ProblemView } from '../api/shapes.ts';
import { loadSession, problemFrom, session } from './api.ts';
import { onKey } from './keyboard.ts';
import { AgentPage } from './pages/agent.tsx';
import { AgentsPage } from './pages/agents.tsx';
import { AlertPage } from './pages/alert.tsx';
import { AlertsPage } from './pages/alerts.tsx';
import { AuditPage } from './pages/audit.tsx';
import { EventsPage } from './pages/events.tsx';
import { GivenPasswordPage } from './pages/given-password.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { SettingsPage } from './pages/settings.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { TicketPage } from './pages/ticket.tsx';
import { TicketsPage } from './pages/tickets.tsx';
import { WebhooksPage } from './pages/webhooks.tsx';
import { Shell } from './parts/shell.tsx';
import { Empty, ProblemBox } from './parts/small-parts.tsx';
import { followLinks, place } from './router.ts';

function Page() {
  const { path } = place.value;
  const [, kind = '', id = ''] = path.split('/');
  document.title = kind === '' ? 'Atalaia' : `${kind.charAt(0).toUpperCase()}${kind.slice(1)} · Atalaia`;
  switch (kind) {
    case '':
      return <OverviewPage />;
    case 'events':
      return <EventsPage />;
    case 'alerts':
      return id === '' ? <AlertsPage /> : <AlertPage key={id} id={id} />;
    case 'tickets':
      return id === '' ? <TicketsPage /> : <TicketPage key={id} id={id} />;
    case 'agents':
      return id === '' ? <AgentsPage /> : <AgentPage key={id} id={id} />;
    case 'webhooks':
      return <WebhooksPage />;
    case 'audit':
      return <AuditPage />;
    case 'settings':
      return <SettingsPage />;
    default:
      return (
        <Empty title="There is no such page">
          <p>
            The link may be incomplete. Go to the <a href="/">overview</a>.
          </p>
        </Empty>
      );
  }
}

function App() {
  const problem = useSignal<ProblemView | undefined>(undefined);
  const load = (): void => {
    problem.value = undefined;
    loadSession().catch((error: unknown) => (problem.value = problemFrom(error)));
  };
  useEffect(load, []);
  if (problem.value) {
    return (
      <main class="gate">
        <ProblemBox problem={problem.value} onRetry={load} />
      </main>
    );
  }
  if (session.value === undefined) return <main class="gate" aria-busy="true" />;
  if (session.value.user === null) return <SignInPage />;
  if (session.value.user.mustChangePassword) return <GivenPasswordPage />;
  return (
    <Shell>
      <Page />
    </Shell>
  );
}

document.addEventListener('click', followLinks);
document.addEventListener('keydown', onKey);
const root = document.querySelector('#app');
if (root) render(<App />, root);
