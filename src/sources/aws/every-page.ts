/**
 * Reads page after page; `read` takes the token of a page and gives that of the next one. True when
 * there is more than `most` pages, or when AWS hands out the same token again and would never end.
 */
export async function everyPage(
  most: number,
  read: (token: string | undefined) => Promise<string | undefined>,
): Promise<boolean> {
  let token: string | undefined;
  for (let page = 0; page < most; page++) {
    const next = await read(token);
    if (!next) return false;
    if (next === token) return true;
    token = next;
  }
  return true;
}
