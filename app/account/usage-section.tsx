import type { QuotaView } from '#lib/quotas/client.ts';
import { QuotaUsage } from '../components/quota-usage.tsx';
import { Section } from './section.tsx';

/** What one has of what one may have. */
export function UsageSection({ quota }: { quota: QuotaView }) {
  return (
    <Section title="Storage" note="Model files, companion files and images that you uploaded or merged.">
      <QuotaUsage quota={quota} />
    </Section>
  );
}
