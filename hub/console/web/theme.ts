// Light or dark: the system's, unless a person has chosen; the choice stays in this browser.
import { effect, signal } from '@preact/signals';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'atalaia.theme';

export const theme = signal<Theme>(themes.find((one) => one === localStorage.getItem(key)) ?? 'system');

const systemDark = matchMedia('(prefers-color-scheme: dark)');
export const isDark = signal(false);

function settle(): void {
  isDark.value = theme.value === 'dark' || (theme.value === 'system' && systemDark.matches);
  document.documentElement.dataset.theme = isDark.value ? 'dark' : 'light';
}

systemDark.addEventListener('change', settle);

effect(() => {
  localStorage.setItem(key, theme.value);
  settle();
});
