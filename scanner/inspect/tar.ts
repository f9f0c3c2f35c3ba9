import { listTar, type TarMember } from '../containers/index.ts';
import type { Where } from '../report/index.ts';
import { type ByteSource, sliceSource } from '../source.ts';
import { type InspectInner, type Inspection, joinMember } from './inspection.ts';
import { reportFrameworks } from './members.ts';

/** The members that `torch.load` reads of a tar archive. */
const TORCH_MEMBERS: ReadonlySet<string> = new Set(['storages', 'tensors', 'pickle']);

/** A tar archive: every member by its own content, also those before a fault. Throws ContainerLimit for too many. */
export function inspectTar(source: ByteSource, where: Where, inspection: Inspection, inner: InspectInner): void {
  const { members, damage } = listTar(source, inspection.limits.members);
  reportFrameworks(
    members.map(({ name }) => name),
    where.member,
    inspection,
  );
  for (const { name, start, size, isFile } of members) {
    if (inspection.isOutOfTime) {
      inspection.report('container/time', 'incomplete', 'The scan took too long. The rest was not scanned.');
      break;
    }
    if (isFile) inner(sliceSource(source, start, size), joinMember(where.member, name), name);
  }
  if (members.some(({ isSparse }) => isSparse)) {
    const message = 'The tar archive has a sparse entry. Its pieces were scanned, but not what they make together.';
    inspection.report('container/out-of-scope', 'incomplete', message, where);
  }
  if (damage !== null) inspection.report('container/malformed', 'malformed', damage, where);
  else inspection.report('container/out-of-scope', 'incomplete', describe(members), where);
}

function describe(members: readonly TarMember[]): string {
  return members.some(({ name }) => TORCH_MEMBERS.has(name))
    ? 'The file is a tar archive of a very old PyTorch version. It was scanned for code; its tensors were not read.'
    : 'The file is a tar archive. Its entries were scanned for code; archives of this kind are not supported otherwise.';
}
