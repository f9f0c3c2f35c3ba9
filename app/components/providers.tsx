'use client';

import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { type ReactNode, useState } from 'react';
import { cssVariablesResolver, theme } from '../theme.ts';
import { RenderProgressProvider } from './render-progress.tsx';
import { EventsProvider } from './service-events.tsx';
import { UploadProvider } from './uploads/upload-provider.tsx';

/** What every page stands in. `signedIn` decides whether events and uploads are asked for. */
export function Providers({ signedIn, children }: { signedIn: boolean; children: ReactNode }) {
  const [queries] = useState(() => new QueryClient({ defaultOptions: { queries: { retry: 1 } } }));
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariablesResolver} defaultColorScheme="auto">
      <NuqsAdapter>
        <QueryClientProvider client={queries}>
          <ModalsProvider modalProps={{ closeButtonProps: { 'aria-label': 'Close' } }}>
            <Notifications position="top-right" />
            <EventsProvider enabled={signedIn}>
              <RenderProgressProvider>
                <UploadProvider enabled={signedIn}>{children}</UploadProvider>
              </RenderProgressProvider>
            </EventsProvider>
          </ModalsProvider>
        </QueryClientProvider>
      </NuqsAdapter>
    </MantineProvider>
  );
}
