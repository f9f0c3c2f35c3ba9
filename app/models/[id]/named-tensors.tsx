import { Code, Text } from '@mantine/core';
import { formatNumber } from '../../components/format.ts';

/** Tensors that should be in a file and are not, or are and should not be: how many, and behind that their names. */
export function NamedTensors({
  one,
  many,
  tensors,
}: {
  one: string;
  many: string;
  tensors: { count: number; names: string[] };
}) {
  const { count, names } = tensors;
  if (count === 0) return null;
  return (
    <details>
      <Text component="summary" size="sm" style={{ cursor: 'pointer' }}>
        {count === 1 ? `1 tensor ${one}` : `${formatNumber(count)} tensors ${many}`}
      </Text>
      <Code block tabIndex={0} mah={220} mt="xs" className="wrap" style={{ overflow: 'auto', whiteSpace: 'pre-wrap' }}>
        {[...names, ...(count > names.length ? [`… and ${formatNumber(count - names.length)} more`] : [])].join('\n')}
      </Code>
    </details>
  );
}
