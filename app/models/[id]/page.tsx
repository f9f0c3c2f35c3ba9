import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { cache } from 'react';
import { can } from '#lib/accounts/index.ts';
import { getModel, type ModelView } from '#lib/catalog/index.ts';
import { getModelPreviews } from '#lib/previews/index.ts';
import { visibleText } from '../../components/visible-text.ts';
import { visitor } from '../../visitor.ts';
import { ModelPage } from './model-page.tsx';

interface Props {
  params: Promise<{ id: string }>;
}

/** `12` or `12-its-name`; the words are for people alone. */
const loadModel = cache(async (segment: string): Promise<ModelView | null> => {
  const id = Number(/^(\d{1,9})(?:-|$)/.exec(segment)?.[1] ?? Number.NaN);
  return Number.isInteger(id) ? getModel(await visitor(), id) : null;
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const model = await loadModel((await params).id);
  return { title: model === null ? 'Not found' : visibleText(model.name) };
}

export default async function Page({ params }: Props) {
  const model = await loadModel((await params).id);
  if (model === null) notFound();
  const actor = await visitor();
  return (
    <ModelPage
      model={model}
      previews={await getModelPreviews(actor, model.id)}
      signedIn={actor !== null}
      rights={{ upload: can(actor, 'upload.create'), manage: can(actor, 'previews.manage') }}
    />
  );
}
