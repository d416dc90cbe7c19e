import { useRef, useState } from 'react';
import { Button } from './button.tsx';

/** Text to copy, such as a command. Where the page may not write to the clipboard, it selects the text. */
export function Snippet({ text, label }: { readonly text: string; readonly label: string }) {
  const code = useRef<HTMLElement>(null);
  const [outcome, setOutcome] = useState<'copied' | 'selected' | null>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      // Browsers allow the clipboard on HTTPS and on this machine only.
      if (code.current !== null) getSelection()?.selectAllChildren(code.current);
      setOutcome('selected');
    }
  };
  return (
    <div className="snippet">
      <pre tabIndex={0} aria-label={label}>
        <code ref={code}>{text}</code>
      </pre>
      <Button kind="quiet" onClick={() => void copy()} aria-label={`Copy: ${label}`}>
        {outcome === null ? 'Copy' : outcome === 'copied' ? 'Copied' : 'Selected'}
      </Button>
    </div>
  );
}
