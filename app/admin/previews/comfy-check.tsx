'use client';

import { Button, List, Text } from '@mantine/core';
import { useState } from 'react';
import type { ComfyCheckView } from '#lib/previews/client.ts';
import { callApi, messageOf } from '../../components/call-api.ts';

/** Asks the ComfyUI server what it can render, and shows the answer. */
export function ComfyCheck() {
  const [asking, setAsking] = useState(false);
  const [answer, setAnswer] = useState<ComfyCheckView | string | null>(null);
  const ask = async () => {
    setAsking(true);
    try {
      setAnswer(await callApi<ComfyCheckView>('GET', '/api/admin/previews/comfyui'));
    } catch (error) {
      setAnswer(messageOf(error));
    } finally {
      setAsking(false);
    }
  };
  return (
    <>
      <Button variant="default" size="xs" mt="sm" loading={asking} onClick={() => void ask()}>
        Check connection
      </Button>
      <div aria-live="polite">
        {typeof answer === 'string' && (
          <Text size="sm" mt="xs">
            {answer}
          </Text>
        )}
        {answer !== null && typeof answer !== 'string' && <Answer answer={answer} />}
      </div>
    </>
  );
}

function Answer({ answer: { version, device, bases } }: { answer: ComfyCheckView }) {
  const able = bases.filter(({ missing }) => missing.length === 0).map(({ label }) => label);
  const missing = bases.filter(({ missing }) => missing.length > 0);
  return (
    <>
      <Text size="sm" mt="xs">
        ComfyUI {version} on {device}. Supported base models: {able.length === 0 ? 'none' : able.join(', ')}.
      </Text>
      {missing.length > 0 && (
        <List size="sm" mt={4}>
          {missing.map(({ base, label, missing }) => (
            <List.Item key={base}>
              {label} is missing {missing.join(', ')}.
            </List.Item>
          ))}
        </List>
      )}
    </>
  );
}
