import {
  createContext,
  use,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import { Segments } from './segments.tsx';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const LABELS: Readonly<Record<Theme, string>> = { system: 'Auto', light: 'Light', dark: 'Dark' };

const Context = createContext<readonly [Theme, (theme: Theme) => void]>([
  'system',
  () => undefined,
]);

/** Sets the colours of the page: those of the system, or those that its user chose. */
export function ThemeProvider({ children }: { readonly children: ReactNode }) {
  const [theme, setTheme] = useState<Theme>('system');
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (theme === 'system') delete dataset['theme'];
    else dataset['theme'] = theme;
  }, [theme]);
  const value = useMemo(() => [theme, setTheme] as const, [theme]);
  return <Context value={value}>{children}</Context>;
}

export function ThemeToggle() {
  const [theme, setTheme] = use(Context);
  return (
    <Segments
      name="Colours"
      values={THEMES}
      value={theme}
      onChange={setTheme}
      label={(each) => LABELS[each]}
    />
  );
}

/** Calls a function after the colours of the page have changed: by its user, or by the system. */
export function useThemeChange(handle: () => void): void {
  const [theme] = use(Context);
  const shown = useRef(theme);
  const onChange = useEffectEvent(handle);
  useEffect(() => {
    if (shown.current !== theme) onChange();
    shown.current = theme;
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const listener = (): void => onChange();
    dark.addEventListener('change', listener);
    return () => dark.removeEventListener('change', listener);
  }, [theme]);
}
