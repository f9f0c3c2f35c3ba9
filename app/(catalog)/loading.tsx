import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

export default function Loading() {
  return (
    <Stack gap="md" role="status">
      <VisuallyHidden>Loading</VisuallyHidden>
      <Skeleton height={34} width={220} />
      <Skeleton height={42} />
      <Skeleton height={320} />
    </Stack>
  );
}
