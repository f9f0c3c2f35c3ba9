import { NotFoundNote } from './components/notes.tsx';

export const metadata = { title: 'Not found' };

export default function NotFound() {
  return <NotFoundNote />;
}
