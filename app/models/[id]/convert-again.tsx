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
  { value: KEEP, label: 'Keep current precision' },
  { value: 'F32', label: '32 bit (fp32)' },
  { value: 'F16', label: '16 bit (fp16)' },
  { value: 'BF16', label: '16 bit (bf16)' },
  { value: 'F8_E4M3', label: '8 bit (fp8 e4m3)' },
];
const PARTS = [
  { value: KEEP, label: 'The whole model' },
  { value: 'unet', label: 'UNet only' },
  { value: 'vae', label: 'VAE only' },
  { value: 'te', label: 'Text encoders only' },
];
const AVERAGES = [
  { value: KEEP, label: 'Keep' },
  { value: 'drop', label: 'Remove' },
  { value: 'use', label: 'Replace the model weights with the EMA weights' },
];

/** Converts a file once more with other options, into a further version of the model; and says how far that is. */
export function ConvertAgain({ file }: { file: FileView }) {
  const { variant, may } = file;
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      {variant?.state === 'running' && (
        <Stack gap={4}>
          <Text size="xs">Converting: {Math.floor(variant.progress * 100)} %</Text>
          <Progress value={variant.progress * 100} aria-label="Converting" />
        </Stack>
      )}
      {variant !== null && variant.state !== 'running' && variant.message !== null && (
        <Alert
          color={variant.state === 'failed' ? 'red' : 'blue'}
          variant="light"
          title={variant.state === 'failed' ? 'Conversion failed' : 'Conversion finished'}
        >
          {variant.message}
        </Alert>
      )}
      {may.convertAgain && variant?.state !== 'running' && (
        <Button variant="default" leftSection={<IconTransform size={18} aria-hidden />} onClick={open}>
          Convert…
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
    initialValues: { dtype: KEEP, only: KEEP, ema: KEEP, stripTraining: false, skipUnsupported: false },
    validate: {
      dtype: (dtype, { only, ema, stripTraining, skipUnsupported }) =>
        [dtype, only, ema].every((value) => value === KEEP) && !stripTraining && !skipUnsupported
          ? 'Change at least one option.'
          : null,
    },
  });
  const submit = async ({ dtype, only, ema, stripTraining, skipUnsupported }: typeof form.values) => {
    const chosen = Object.entries({ dtype, only, ema }).filter(([, value]) => value !== KEEP);
    try {
      const options = {
        ...Object.fromEntries(chosen),
        ...(stripTraining ? { stripTraining } : {}),
        ...(skipUnsupported ? { skipUnsupported } : {}),
      };
      await callApi('POST', `/api/files/${file.id}/variants`, options);
      notifyDone('Conversion queued. The result will appear under Versions.');
      router.refresh();
      onClose();
    } catch (error) {
      notifyFailure('Conversion not queued', error);
    }
  };
  return (
    <Modal opened onClose={onClose} title="Convert model" closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={form.onSubmit(submit)}>
        <Stack>
          <Text size="sm">
            Converts the file with other options and adds the result as a new version of this model. The current file is
            kept. Every tensor is verified after conversion.
          </Text>
          <Select
            label="Precision"
            description="Values are rounded to the nearest; values that are too large become the largest possible value"
            data={DTYPES}
            allowDeselect={false}
            data-autofocus
            {...form.getInputProps('dtype')}
          />
          <Select
            label="Components"
            description="Tensors keep the names that other applications expect"
            data={PARTS}
            allowDeselect={false}
            {...form.getInputProps('only')}
          />
          {hasAverages && (
            <Select label="EMA weights" data={AVERAGES} allowDeselect={false} {...form.getInputProps('ema')} />
          )}
          <Checkbox
            label="Remove training data"
            description="EMA weights, noise schedule and optimizer state"
            {...form.getInputProps('stripTraining', { type: 'checkbox' })}
          />
          <Checkbox
            label="Skip unsupported tensors"
            description="Leaves out tensors that safetensors cannot hold, such as sparse or complex128 ones, and lists them"
            {...form.getInputProps('skipUnsupported', { type: 'checkbox' })}
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
