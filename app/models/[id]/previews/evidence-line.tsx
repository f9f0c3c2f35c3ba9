import { Anchor, DataList, Stack, Text } from '@mantine/core';
import { formatBytes, formatMoment } from '#app/components/format.ts';
import { Link } from '#app/components/link.tsx';
import { modelPath } from '#app/components/model-path.ts';
import { visibleText } from '#app/components/visible-text.ts';
import type { PreviewView } from '#lib/previews/client.ts';
import { summarizeEvidence } from './state-labels.ts';

/** By what, on what and how fast the pictures were rendered: a quiet line that opens. */
export function EvidenceLine({ preview }: { preview: PreviewView }) {
  const { evidence, profile, base, endedAt } = preview;
  return (
    <details data-testid="preview-evidence">
      <Text component="summary" size="xs" c="dimmed" className="wrap" style={{ cursor: 'pointer' }}>
        {evidence === null ? 'Render details' : visibleText(summarizeEvidence(evidence))}
      </Text>
      <Stack gap={6} mt="xs">
        <DataList labelWidth="104px" gap={4} fz="xs">
          <Item label="Profile">
            {profile.name}, version {profile.version}
          </Item>
          {base !== null && (
            <Item label="Rendered on">
              {base.model === null ? (
                visibleText(base.name)
              ) : (
                <Anchor component={Link} href={modelPath(base.model)} inherit>
                  {visibleText(base.name)}
                </Anchor>
              )}
            </Item>
          )}
          {evidence !== null && (
            <>
              <Item label="Renderer">{visibleText(evidence.engine)}</Item>
              <Item label="Precision">{evidence.precision}</Item>
              <Item label="Load time">{evidence.loadSeconds.toFixed(1)} s</Item>
              <Item label="Peak memory">{formatBytes(evidence.peakMemory)}</Item>
              {evidence.rejected.map(({ provider, reason }) => (
                <Item key={provider} label={`${provider} not used`}>
                  {visibleText(reason)}
                </Item>
              ))}
            </>
          )}
          {endedAt !== null && <Item label="Finished">{formatMoment(endedAt)}</Item>}
        </DataList>
        {evidence?.notes.map((note) => (
          <Text key={note} size="xs" c="dimmed" className="wrap">
            {visibleText(note)}
          </Text>
        ))}
      </Stack>
    </details>
  );
}

function Item({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <DataList.Item>
      <DataList.ItemLabel>{label}</DataList.ItemLabel>
      <DataList.ItemValue miw={0} className="wrap">
        {children}
      </DataList.ItemValue>
    </DataList.Item>
  );
}
