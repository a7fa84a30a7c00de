/** Members of a tally; a further one is not taken in, because none of them is older than another. */
const MEMBERS_KEPT = 100;

/** Adds to the sums of one member of a fact that is a tally. What is none, nothing or otherwise, has no members. Pure. */
export function tallied(
  fact: unknown,
  key: string,
  by: Readonly<Record<string, number>>,
): Record<string, Record<string, number>> {
  const members: Record<string, Record<string, number>> = typeof fact === 'object' ? { ...fact } : {};
  const { [key]: member } = members;
  if (!member && Object.keys(members).length >= MEMBERS_KEPT) return members;
  const sums = Object.entries(by).map(([name, more]) => [name, (member?.[name] ?? 0) + more]);
  return { ...members, [key]: { ...member, ...Object.fromEntries(sums) } };
}
