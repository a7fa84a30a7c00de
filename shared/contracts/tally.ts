/** Members of a tally; beyond that the oldest goes. */
const MEMBERS_KEPT = 100;

/** Adds to the sums of one member of a fact that is a tally. What is none, nothing or otherwise, has no members. Pure. */
export function tallied(
  fact: unknown,
  key: string,
  by: Readonly<Record<string, number>>,
): Record<string, Record<string, number>> {
  const { [key]: member = {}, ...others } =
    typeof fact === 'object' ? ((fact as Record<string, typeof by> | null) ?? {}) : {};
  const sums = Object.fromEntries(Object.entries(by).map(([name, more]) => [name, (member[name] ?? 0) + more]));
  const members = Object.entries({ ...others, [key]: { ...member, ...sums } });
  return Object.fromEntries(members.slice(-MEMBERS_KEPT));
}
