// Names of people and tenants: shown on pages and in mail headers. Not a noun: every noun may use it.

export const LONGEST_NAME = 100;
/** Control characters, line and paragraph ends, and what turns the direction of the text around it. */
const MISLEADING = /[\p{Cc}\p{Cn}\p{Co}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/u;
const UNSEEN = /[\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** 1 to 100 characters, of which some can be seen and none misleads. Joiners are fine: Persian and emoji need them. */
export const isName = (text: string): boolean =>
  text.isWellFormed() &&
  [...text].length <= LONGEST_NAME &&
  !MISLEADING.test(text) &&
  text.replaceAll(UNSEEN, "") !== "";
