/**
 * Variables for processes that handle large modules: new memory then comes in pages of 2 MB, and its first use takes a
 * sixth of the time. They are for glibc on Linux, and do nothing elsewhere.
 */
export const HUGE_PAGES: Readonly<Record<string, string>> = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" };
