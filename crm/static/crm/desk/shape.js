// @ts-check
/**
 * The shapes of what the desk knows; types only. (A file of its own, because the collector of static
 * files reads imports in comments too, and two files that name each other never settle.)
 *
 * @typedef {Record<string, any>} Row
 * @typedef {Record<string, any>} Frame
 * @typedef {{seq: number, messages: Record<number, any>, order: number[], more: boolean,
 *   seqs: Record<number, number>, gone: {seq: number, ids: number[]}[], letter: any,
 *   seen: number, head: string, customer: any, timeline: any}} Talk
 * @typedef {{client_id: string, text: string, kind: string, at: string, state: string,
 *   code?: string, personal?: boolean, more?: Record<string, any>}} Unsent
 * @typedef {{rows: number[], since: Record<number, number>, seen: number[], heads: number[],
 *   snapshot: boolean}} Asks
 * @typedef {{me: any, rows: Record<number, Row>, known: Record<number, number>,
 *   talks: Record<number, Talk>, unsent: Record<number, Unsent[]>,
 *   typing: Record<number, {name: string, who: string, text: string, until: number}>,
 *   agents: Record<number, {state: string, since: string|null}>, asks: Asks}} State
 */
export {};
