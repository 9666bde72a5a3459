import { useState } from 'preact/hooks';

/** A button that copies a text, and shows that it did. */
export function Copy({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  const copy = (): void =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <button type="button" class="tool" aria-label={`Copy ${what}`} onClick={copy}>
      {copied ? 'Copied' : 'Copy'}
    </button>
  );
}
