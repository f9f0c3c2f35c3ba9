import { Code } from '@mantine/core';

/** What a file would call on loading. A long one scrolls in its own box. */
export function Call({ text }: { text: string }) {
  return (
    <Code
      block
      tabIndex={0}
      mah={160}
      className="wrap"
      c="var(--mantine-color-text)"
      style={{ overflow: 'auto', whiteSpace: 'pre-wrap' }}
    >
      {text}
    </Code>
  );
}
