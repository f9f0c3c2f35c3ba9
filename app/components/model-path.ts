/** The address of a model's page: its id, and its name for people. A slug already ends in the id. */
export function modelPath({ id, slug }: { id: number; slug: string }): string {
  const words = slug.replace(new RegExp(`-?${id}$`), '');
  return words === '' ? `/models/${id}` : `/models/${id}-${words}`;
}
