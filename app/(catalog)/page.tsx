import { can } from '#lib/accounts/index.ts';
import { parseCatalogQuery, searchModels } from '#lib/catalog/index.ts';
import { config } from '#lib/config.ts';
import { AppError } from '#lib/errors.ts';
import { toUrlParams } from '../url-params.ts';
import { visitor } from '../visitor.ts';
import { Catalog } from './catalog.tsx';
import { SearchFailed } from './nothing-found.tsx';

export const metadata = { title: 'Catalog' };

type SearchParams = Promise<Record<string, string | string[] | undefined>>;

export default async function CatalogPage({ searchParams }: { searchParams: SearchParams }) {
  const query = parseCatalogQuery(toUrlParams(await searchParams));
  const actor = await visitor();
  const result = await searchModels(actor, query).catch((error: unknown) => {
    if (error instanceof AppError) return error;
    throw error;
  });
  if (result instanceof AppError) return <SearchFailed message={result.message} />;
  return (
    <Catalog
      query={query}
      result={result}
      signedIn={actor !== null}
      mayUpload={can(actor, 'upload.create')}
      signInFirst={actor === null && config().privateCatalog}
    />
  );
}
