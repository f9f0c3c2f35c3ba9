import { Anchor, Badge, Group, Stack, Text, Title, Typography } from '@mantine/core';
import Markdown from 'react-markdown';
import type { ModelView } from '#lib/catalog/client.ts';
import { Link } from '../../components/link.tsx';
import classes from './description.module.css';

/** The owner's words, as Markdown. HTML in it stays text, and pictures are not fetched from elsewhere. */
export function Description({ model }: { model: ModelView }) {
  const { description, tags, licence, sourceUrl } = model;
  return (
    <Stack gap="sm">
      <Title order={2} fz="lg">
        Description
      </Title>
      {description.trim() === '' ? (
        <Text size="sm" c="dimmed">
          No description yet.
        </Text>
      ) : (
        <Typography fz="sm" className={classes.text}>
          <Markdown
            disallowedElements={['img']}
            components={{
              h1: 'h3',
              h2: 'h3',
              a: ({ href, children }) => (
                <Anchor href={href} rel="noopener noreferrer nofollow" inherit underline="always">
                  {children}
                </Anchor>
              ),
            }}
          >
            {description}
          </Markdown>
        </Typography>
      )}
      {licence !== null && (
        <Text size="sm" className="wrap">
          License: {licence}
        </Text>
      )}
      {sourceUrl !== null && (
        <Text size="sm" className="wrap">
          Imported from{' '}
          <Anchor href={sourceUrl} rel="noopener noreferrer nofollow" inherit underline="always">
            {sourceUrl}
          </Anchor>
        </Text>
      )}
      {tags.length > 0 && (
        <Group gap={6} aria-label="Tags" role="group">
          {tags.map((tag) => (
            <Badge
              key={tag}
              component={Link}
              href={`/?tag=${encodeURIComponent(tag)}`}
              variant="default"
              tt="none"
              fw={500}
              style={{ cursor: 'pointer' }}
            >
              {tag}
            </Badge>
          ))}
        </Group>
      )}
    </Stack>
  );
}
