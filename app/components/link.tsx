'use client';

import NextLink from 'next/link';
import type { ComponentProps } from 'react';

/**
 * A link to another page of this service. Nothing is fetched ahead: each page is made for its reader, so that fetching
 * one ahead would cost as much as opening it.
 */
export function Link(props: ComponentProps<typeof NextLink>) {
  return <NextLink prefetch={false} {...props} />;
}
