import '@fontsource-variable/inter/index.css';
import '@mantine/core/styles.css';
import '@mantine/dropzone/styles.css';
import '@mantine/notifications/styles.css';
import './globals.css';
import { ColorSchemeScript, mantineHtmlProps } from '@mantine/core';
import type { Metadata } from 'next';
import type { ReactNode } from 'react';
import { can } from '#lib/accounts/index.ts';
import { Frame } from './components/frame.tsx';
import { Providers } from './components/providers.tsx';
import { visitor } from './visitor.ts';

export const metadata: Metadata = {
  title: { default: 'Weighhouse', template: '%s · Weighhouse' },
  description: 'A catalog and safety scanner for Stable Diffusion models.',
  robots: { index: false },
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const actor = await visitor();
  const shown = actor && {
    name: actor.name,
    email: actor.email,
    role: actor.role,
    mayUpload: can(actor, 'upload.create'),
    mayAdministrate: can(actor, 'users.manage'),
  };
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" />
      </head>
      <body>
        <Providers signedIn={actor !== null}>
          <Frame visitor={shown}>{children}</Frame>
        </Providers>
      </body>
    </html>
  );
}
