import { Alert, List, Text } from '@mantine/core';
import { IconFileOff } from '@tabler/icons-react';
import { formatCount } from '../components/format.ts';
import { visibleText } from '../components/visible-text.ts';
import type { PassedOver } from './picked-files.ts';

/** The rest is counted. */
const MAX_LISTED = 20;

/** Which of the selected files were not uploaded, and why. */
export function PassedOverNote({ files, onClose }: { files: readonly PassedOver[]; onClose: () => void }) {
  return (
    <Alert
      color="orange"
      variant="light"
      role="status"
      icon={<IconFileOff aria-hidden />}
      title={`${formatCount(files.length, 'file')} not uploaded`}
      withCloseButton
      closeButtonLabel="Close the list of files that were not uploaded"
      onClose={onClose}
      data-testid="passed-over"
    >
      <List size="sm" spacing={2}>
        {files.slice(0, MAX_LISTED).map(({ path, reason }) => (
          <List.Item key={path} className="wrap">
            <Text span inherit fw={500}>
              {visibleText(path)}
            </Text>
            : {reason}
          </List.Item>
        ))}
      </List>
      {files.length > MAX_LISTED && (
        <Text size="sm" mt={4}>
          {formatCount(files.length - MAX_LISTED, 'more file')}
        </Text>
      )}
    </Alert>
  );
}
