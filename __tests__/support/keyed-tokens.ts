import type { AccessToken } from '../../src/index.js';
import { grant, type SourceUnderTest } from './deferred.js';

export const of = (key: string) => ({ parameters: { key } });

/** Creates a token for each of the keys, one after the other. */
export async function obtainAll({ source, last, calls }: SourceUnderTest, ...keys: string[]): Promise<AccessToken[]> {
    const tokens: AccessToken[] = [];
    for (const key of keys) {
        const before = calls.length;
        const pending = source.getToken(of(key));
        if (calls.length > before) await last().answer(grant(`${key}-${calls.length}`));
        tokens.push(await pending);
    }
    return tokens;
}

export const has = ({ source }: SourceUnderTest, ...keys: string[]): string =>
    keys.filter((key) => source.current({ key })).join(' ');
