// Uses the client that @hey-api/openapi-ts generates.

import { readFile } from 'node:fs/promises';
import { client } from './client/client.gen.js';
import * as api from './client/index.js';

const url = process.env.SERVER_URL!;
const password = process.env.SERVER_PASSWORD!;
let access = '';
client.setConfig({ baseUrl: url, auth: (scheme) => (scheme.type === 'http' ? access : undefined) });

function check(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

const email = 'typescript@example.com';
await api.register({ body: { email, password, username: 'typescript' }, throwOnError: true });
const login = await api.login({ body: { email, password }, throwOnError: true });
const { refresh_token } = login.data.data;
const renewed = await api.refresh({ body: { refresh_token }, throwOnError: true });
access = renewed.data.data.access_token;

for (let number = 0; number < 5; number++) {
  const body = { title: `TypeScript ${number}`, author: 'Anders', year: 2012 };
  const headers = { 'Idempotency-Key': `typescript-${number}` };
  const created = await api.createBook({ body, headers, throwOnError: true });
  check(created.response.status === 201, 'not created');
}

// A list is read to its end with cursors.
const books: api.Book[] = [];
let cursor: string | undefined;
do {
  const query = { author: 'anders', per_page: 2, sort: 'title', order: 'asc', cursor } as const;
  const page = await api.listBooks({ query, throwOnError: true });
  books.push(...page.data.data);
  cursor = page.data.pagination.next_cursor ?? undefined;
} while (cursor);
check(books.map((book) => book.title.at(-1)).join('') === '01234', 'the list has other books');

const path = { id: books[0].id };
const read = await api.getBook({ path, throwOnError: true });
const headers = { 'If-Match': read.response.headers.get('ETag')! };
const changed = await api.patchBook({ path, headers, body: { year: 2008 }, throwOnError: true });
check(changed.data.data.year === 2008, 'the year is the old one');
const conflict = await api.patchBook({ path, headers, body: { year: 2009 } });
check(conflict.error?.error.reason === 'precondition_failed', 'no conflict');

const cover = new Blob([await readFile(process.env.COVER_FILE!)]);
const covered = await api.replaceCover({ path, body: cover, throwOnError: true });
check(covered.data.data.cover, 'no cover');
// The generated client guesses how to read a body by its media type, which is image/jpeg here.
const image = await api.getCover({ path, parseAs: 'blob', throwOnError: true });
check((image.data as Blob).size > 100, 'an empty cover');

const boss = await api.login({ body: { email: 'admin@example.com', password }, throwOnError: true });
access = boss.data.data.access_token;
const rows = new Blob(['title,author\nImported by TypeScript,Anders\n,nobody\n']);
const report = await api.importBooks({ body: rows, throwOnError: true });
check(report.data.data.created === 1 && report.data.data.failed === 1, 'another report');
const exported = await api.exportBooks({ parseAs: 'text', throwOnError: true });
check(String(exported.data).includes('Imported by TypeScript'), 'the export lacks a book');
console.log('TypeScript: @hey-api/openapi-ts works');
