import type { Sql } from '../connect.ts';

/**
 * One login a service and database, member of the service's group role, with the password that the installation keeps.
 * Answers the login's name. Roles are cluster-wide: the database's name keeps two installations in one cluster apart.
 */
export async function ensureLogin(sql: Sql, database: string, service: string, password: string): Promise<string> {
  // Not `<database>_<service>`: in a database called parley that would be the name of the group role itself.
  const login = `${database}_login_${service}`;
  if (login.length > 63)
    throw new Error(`The login ${login} is longer than Postgres allows; choose a shorter database name`);
  const [existing] = await sql`select 1 from pg_roles where rolname = ${login}`;
  const verb = existing ? 'alter' : 'create';
  // Utility statements take no parameters; the password is one of ours (base64url), the name is quoted.
  await sql.unsafe(`${verb} role ${quoteName(login)} login password '${password.replaceAll("'", "''")}'`);
  // A service that no migration names is an agent of somebody's own: it gets what every agent may do, and no more.
  const [own] = await sql`select 1 from pg_roles where rolname = ${`parley_${service}`}`;
  const group = own ? `parley_${service}` : 'parley_agent';
  const [member] = await sql`select pg_has_role(${login}, ${group}, 'member') as yes`;
  if (!member?.yes) await sql.unsafe(`grant ${quoteName(group)} to ${quoteName(login)}`);
  return login;
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
