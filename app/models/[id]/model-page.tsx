'use client';

import { Stack, Tabs } from '@mantine/core';
import { parseAsInteger, parseAsStringLiteral, useQueryStates } from 'nuqs';
import { type ReactNode, useMemo } from 'react';
import type { FileView, ModelView } from '#lib/catalog/client.ts';
import type { ModelPreviews } from '#lib/previews/client.ts';
import { isProcessing } from '../../components/stages.ts';
import { makeVisible } from '../../components/visible-text.ts';
import { Compatible } from './compatible.tsx';
import { Description } from './description.tsx';
import { Details } from './details.tsx';
import { DownloadPanel } from './download-panel.tsx';
import { Evidence } from './evidence.tsx';
import { Findings } from './findings.tsx';
import { Hashes } from './hashes.tsx';
import { ModelActions } from './model-actions.tsx';
import { ModelHead } from './model-head.tsx';
import classes from './model-page.module.css';
import { Previews } from './previews/previews.tsx';
import type { PreviewRights } from './previews/state-panel.tsx';
import { Pictures } from './sidecars.tsx';
import { StageSteps } from './stage-steps.tsx';
import { Tensors } from './tensors.tsx';
import { useLiveModel } from './use-live-model.ts';
import { VerdictBanner } from './verdict-banner.tsx';
import { Versions } from './versions.tsx';

const TABS = ['safety', 'identity', 'compatible', 'tensors', 'hashes'] as const;
type TabName = (typeof TABS)[number];

/** The version and the tab that are shown stand in the URL, so that both can be linked to. */
const PAGE_STATE = { version: parseAsInteger, tab: parseAsStringLiteral(TABS).withDefault('safety') };

interface ModelPageProps {
  model: ModelView;
  previews: ModelPreviews;
  signedIn: boolean;
  rights: PreviewRights;
}

/**
 * Everything about one model: what it renders, what it is, whether it is safe, how to get it, and what that rests on.
 */
export function ModelPage({ model, previews, signedIn, rights }: ModelPageProps) {
  const [state, setState] = useQueryStates(PAGE_STATE);
  const shown = useMemo(() => makeVisible(model), [model]);
  const version = shown.versions.find(({ id }) => id === state.version) ?? shown.versions[0];
  const file = version?.files[0];
  const live = model.versions.some(({ files }) =>
    files.some((file) => isProcessing(file) || file.variant?.state === 'running'),
  );
  useLiveModel(model.id, live);

  return (
    <Stack gap="lg">
      <ModelHead
        model={shown}
        verdict={file?.state ?? model.verdict}
        // Editing needs the name as it is, not as it is shown.
        actions={<ModelActions model={model} />}
      />
      {file !== undefined && version !== undefined && (
        <FileDetails
          key={file.id}
          model={shown}
          file={file}
          versionId={version.id}
          signedIn={signedIn}
          tab={state.tab}
          onTab={(tab) => void setState({ tab })}
          pictures={<Previews key={model.id} initial={previews} rights={rights} />}
        >
          <Versions
            model={shown}
            shown={version.id}
            onShow={(id) => void setState({ version: id }, { history: 'push' })}
          />
        </FileDetails>
      )}
    </Stack>
  );
}

interface FileDetailsProps {
  model: ModelView;
  file: FileView;
  versionId: number;
  signedIn: boolean;
  tab: TabName;
  onTab: (tab: TabName) => void;
  /** What stands above all else that is told of the file. */
  pictures: ReactNode;
  /** What stands next to it. */
  children: ReactNode;
}

function FileDetails({ model, file, versionId, signedIn, tab, onTab, pictures, children }: FileDetailsProps) {
  return (
    <>
      {isProcessing(file) && <StageSteps file={file} />}
      <VerdictBanner file={file} />
      <div className={classes.layout}>
        <div className={classes.pictures}>{pictures}</div>
        <div className={classes.side}>
          <Stack gap="lg">
            <DownloadPanel file={file} versionId={versionId} type={model.type} signedIn={signedIn} />
            <Details model={model} file={file} />
            {children}
          </Stack>
        </div>
        <div className={classes.rest}>
          <Stack gap="xl">
            <Pictures file={file} />
            <Description model={model} />
            <Tabs
              value={tab}
              onChange={(name) => onTab(TABS.find((one) => one === name) ?? 'safety')}
              keepMounted={false}
            >
              <Tabs.List>
                <Tabs.Tab value="safety">Safety</Tabs.Tab>
                <Tabs.Tab value="identity">Identification</Tabs.Tab>
                <Tabs.Tab value="compatible">Compatible models</Tabs.Tab>
                <Tabs.Tab value="tensors">Tensors</Tabs.Tab>
                <Tabs.Tab value="hashes">Hashes</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="safety" pt="md">
                <Findings file={file} />
              </Tabs.Panel>
              <Tabs.Panel value="identity" pt="md">
                <Evidence model={model} file={file} />
              </Tabs.Panel>
              <Tabs.Panel value="compatible" pt="md">
                <Compatible model={model} />
              </Tabs.Panel>
              <Tabs.Panel value="tensors" pt="md">
                <Tensors file={file} />
              </Tabs.Panel>
              <Tabs.Panel value="hashes" pt="md">
                <Hashes file={file} />
              </Tabs.Panel>
            </Tabs>
          </Stack>
        </div>
      </div>
    </>
  );
}
