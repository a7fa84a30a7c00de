import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';

/** One lock for all migrations of a cluster's database, so that two starts do not migrate at once. */
const LOCK = 7_205_759;

interface Journal {
  entries: { tag: string; when: number }[];
}

/**
 * Brings the database up to the newest file of `folder` (drizzle-kit's output) and answers the names of what it ran. It
 * keeps drizzle's own table, so that drizzle's tools see the same history; drizzle itself is too heavy for the launcher.
 */
export async function migrate(url: string, folder: string): Promise<string[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql`select pg_advisory_lock(${LOCK})`;
    await sql`create schema if not exists drizzle`;
    await sql`create table if not exists drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint)`;
    const done = new Set((await sql`select hash from drizzle.__drizzle_migrations`).map((row) => String(row['hash'])));
    const journal = JSON.parse(readFileSync(join(folder, 'meta', '_journal.json'), 'utf8')) as Journal;
    const ran: string[] = [];
    for (const entry of journal.entries) {
      const text = readFileSync(join(folder, `${entry.tag}.sql`), 'utf8');
      const hash = createHash('sha256').update(text).digest('hex');
      if (done.has(hash)) continue;
      await sql.begin(async (tx) => {
        for (const statement of text.split('--> statement-breakpoint'))
          if (statement.trim()) await tx.unsafe(statement);
        await tx`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${entry.when})`;
      });
      ran.push(entry.tag);
    }
    return ran;
  } finally {
    await sql.end();
  }
}
