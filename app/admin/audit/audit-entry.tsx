'use client';

import { Anchor, Code, Text } from '@mantine/core';
import {
  type Icon,
  IconCube,
  IconFile,
  IconFolder,
  IconGitMerge,
  IconKey,
  IconLink,
  IconListCheck,
  IconPhoto,
  IconSettings,
  IconUpload,
  IconUser,
} from '@tabler/icons-react';
import type { AuditView, NamedThing } from '#lib/admin/index.ts';
import { Link } from '../../components/link.tsx';
import { Moment } from '../../components/moment.tsx';
import classes from './audit-log.module.css';
import { auditPath } from './audit-state.ts';

const ICONS: Readonly<Record<NamedThing['kind'], Icon>> = {
  user: IconUser,
  invitation: IconUser,
  token: IconKey,
  upload: IconUpload,
  file: IconFile,
  sidecar: IconFile,
  model: IconCube,
  merge: IconGitMerge,
  remote: IconLink,
  import: IconFolder,
  bulk: IconListCheck,
  picture: IconPhoto,
  preview: IconPhoto,
  'preview-profile': IconSettings,
  setting: IconSettings,
};

/** One entry: who did what and when; the record itself is folded away. */
export function AuditEntry({ entry }: { entry: AuditView }) {
  const { actor, sentence, at, record, action, modelId } = entry;
  const kind = Object.hasOwn(ICONS, record.subject) ? (record.subject as NamedThing['kind']) : 'setting';
  const EntryIcon = ICONS[kind];
  return (
    <li className={classes.entry}>
      <EntryIcon size={18} aria-hidden className={classes.icon} />
      <div className={classes.main}>
        <Text className="wrap">
          <Thing thing={actor} isActor />{' '}
          {sentence.map((part, index) => (typeof part === 'string' ? part : <Thing key={index} thing={part} />))}
        </Text>
        <details className={classes.details}>
          <summary>Details</summary>
          <dl className={classes.record}>
            <dt>Entry</dt>
            <dd>{entry.id}</dd>
            <dt>Time</dt>
            <dd>{at}</dd>
            <dt>Action</dt>
            <dd>{action}</dd>
            <dt>Person</dt>
            <dd>{actor.id}</dd>
            <dt>Target</dt>
            <dd>
              {record.subject} {record.subjectId}
            </dd>
          </dl>
          <Json title="Before" value={record.before} />
          <Json title="After" value={record.after} />
          {modelId !== null && (
            <Anchor component={Link} href={auditPath({ model: modelId })} size="sm">
              All entries about this model
            </Anchor>
          )}
        </details>
      </div>
      <Text size="sm" c="dimmed" className={classes.time}>
        <Moment iso={at} />
      </Text>
    </li>
  );
}

/** A thing by its name: people lead to their entries, the rest to the page of its model where that is still there. */
function Thing({ thing, isActor = false }: { thing: NamedThing; isActor?: boolean }) {
  const { kind, id, name, modelId, isGone } = thing;
  const text = isGone ? `${name} (${kind === 'user' ? 'removed' : 'deleted'})` : name;
  const href = kind === 'user' ? auditPath({ person: id }) : modelId === null ? null : `/models/${modelId}`;
  if (href === null) return <strong className={classes.name}>{text}</strong>;
  return (
    <Anchor component={Link} href={href} inherit underline="always" {...(isActor ? { fw: 600, c: 'inherit' } : {})}>
      {text}
    </Anchor>
  );
}

function Json({ title, value }: { title: string; value: unknown }) {
  if (value === null || value === undefined) return null;
  return (
    <>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Code block className={classes.json}>
        {JSON.stringify(value, null, 2)}
      </Code>
    </>
  );
}
