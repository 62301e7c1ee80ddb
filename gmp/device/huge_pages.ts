/**
 * Variables of a process through which large modules go: new memory then comes in pages of 2 MB, and its first use takes a
 * sixth of the time. Linux's glibc knows them; elsewhere they mean nothing.
 */
export const HUGE_PAGES: Readonly<Record<string, string>> = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" };
