'use client';

import { Alert, Button, Group, Progress, Text } from '@mantine/core';
import { IconAlertTriangle, IconSum } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { FileView } from '#lib/catalog/client.ts';
import { callApi } from '../../components/call-api.ts';
import { notifyFailure } from '../../components/notify.ts';

/** What the numbers of the tensors are like: asked for, being read, or read, with what is wrong with them. */
export function Numbers({ file }: { file: FileView }) {
  const { statistics, measuring, brokenNumbers, may } = file;
  const router = useRouter();
  const [asked, setAsked] = useState(false);
  const measure = async () => {
    setAsked(true);
    try {
      await callApi('POST', `/api/files/${file.id}/measure`);
      router.refresh();
    } catch (error) {
      setAsked(false);
      notifyFailure('Tensor statistics not computed', error);
    }
  };
  if (brokenNumbers.length > 0)
    return (
      <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title="Broken tensor values">
        {brokenNumbers.map((sentence) => (
          <Text key={sentence} size="sm" className="wrap">
            {sentence}
          </Text>
        ))}
      </Alert>
    );
  if (statistics !== null)
    return (
      <Text size="xs" c="dimmed">
        Tensor statistics computed. No NaN or infinite values found.
      </Text>
    );
  if (measuring !== null) return <Progress value={measuring * 100} aria-label="Computing tensor statistics" />;
  if (!may.measure) return null;
  return (
    <Group>
      <Button
        size="xs"
        variant="default"
        loading={asked}
        leftSection={<IconSum size={16} aria-hidden />}
        onClick={() => void measure()}
      >
        Compute tensor statistics
      </Button>
      <Text size="xs" c="dimmed">
        Minimum, maximum and mean of each tensor, and a check for NaN and infinite values.
      </Text>
    </Group>
  );
}
