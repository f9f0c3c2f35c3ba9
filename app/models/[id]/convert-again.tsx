'use client';

import { Alert, Button, Checkbox, Group, Modal, Progress, Select, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { IconTransform } from '@tabler/icons-react';
import { useRouter } from 'next/navigation';
import type { FileView } from '#lib/catalog/client.ts';
import { callApi } from '../../components/call-api.ts';
import { notifyDone, notifyFailure } from '../../components/notify.ts';

/** A select knows texts only; this one stands for what the file has already. */
const KEEP = 'keep';

const DTYPES = [
  { value: KEEP, label: 'As they are' },
  { value: 'F32', label: '32 bit (fp32)' },
  { value: 'F16', label: '16 bit (fp16)' },
  { value: 'BF16', label: '16 bit (bf16)' },
  { value: 'F8_E4M3', label: '8 bit (fp8 e4m3)' },
];
const PARTS = [
  { value: KEEP, label: 'The whole model' },
  { value: 'unet', label: 'The UNet alone' },
  { value: 'vae', label: 'The VAE alone' },
  { value: 'te', label: 'The text encoders alone' },
];
const AVERAGES = [
  { value: KEEP, label: 'Keep them' },
  { value: 'drop', label: 'Leave them out' },
  { value: 'use', label: 'Write them in the place of the plain weights' },
];

/** Converts a file once more with other options, into a further version of the model; and says how far that is. */
export function ConvertAgain({ file }: { file: FileView }) {
  const { variant, may } = file;
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      {variant?.state === 'running' && (
        <Stack gap={4}>
          <Text size="xs">Converting again: {Math.floor(variant.progress * 100)} %</Text>
          <Progress value={variant.progress * 100} aria-label="Converting again" />
        </Stack>
      )}
      {variant !== null && variant.state !== 'running' && variant.message !== null && (
        <Alert
          color={variant.state === 'failed' ? 'red' : 'blue'}
          variant="light"
          title={variant.state === 'failed' ? 'It was not converted again' : 'Converted again'}
        >
          {variant.message}
        </Alert>
      )}
      {may.convertAgain && variant?.state !== 'running' && (
        <Button variant="default" leftSection={<IconTransform size={18} aria-hidden />} onClick={open}>
          Convert again with other options
        </Button>
      )}
      {opened && <OptionsModal file={file} onClose={close} />}
    </>
  );
}

function OptionsModal({ file, onClose }: { file: FileView; onClose: () => void }) {
  const router = useRouter();
  const hasAverages = file.tensors.some(({ name }) => name.startsWith('model_ema.'));
  const form = useForm({
    initialValues: { dtype: KEEP, only: KEEP, ema: KEEP, stripTraining: false },
    validate: {
      dtype: (dtype, { only, ema, stripTraining }) =>
        [dtype, only, ema].every((value) => value === KEEP) && !stripTraining
          ? 'Choose here or below what is to be other than in the file that is there.'
          : null,
    },
  });
  const submit = async ({ dtype, only, ema, stripTraining }: typeof form.values) => {
    const chosen = Object.entries({ dtype, only, ema }).filter(([, value]) => value !== KEEP);
    try {
      const options = { ...Object.fromEntries(chosen), ...(stripTraining ? { stripTraining } : {}) };
      await callApi('POST', `/api/files/${file.id}/variants`, options);
      notifyDone('It waits for a worker. What comes of it is listed among the versions.');
      router.refresh();
      onClose();
    } catch (error) {
      notifyFailure(error);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title="Convert again with other options"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form onSubmit={form.onSubmit(submit)}>
        <Stack>
          <Text size="sm">
            What is here stays. What is written is checked number by number and becomes a further version of this model,
            with hashes of its own.
          </Text>
          <Select
            label="Numbers"
            description="Rounded to the nearest; what is too large becomes the largest"
            data={DTYPES}
            allowDeselect={false}
            data-autofocus
            {...form.getInputProps('dtype')}
          />
          <Select
            label="Part"
            description="Under the names that programs expect of such a file"
            data={PARTS}
            allowDeselect={false}
            {...form.getInputProps('only')}
          />
          {hasAverages && (
            <Select
              label="Averaged weights (EMA)"
              data={AVERAGES}
              allowDeselect={false}
              {...form.getInputProps('ema')}
            />
          )}
          <Checkbox
            label="Leave out what training alone needs"
            description="Averaged weights, noise schedule, optimizer"
            {...form.getInputProps('stripTraining', { type: 'checkbox' })}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={form.submitting}>
              Convert
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
