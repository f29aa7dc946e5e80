import { startLoggedIn } from '../bed.js';
import * as facts from '../facts.js';
import * as after from './after.js';
import * as before from './before.js';

export const comparison: facts.Comparison = {
    before: startLoggedIn(before.createApi),
    after: startLoggedIn(after.createApi),
    facts: [
        facts.together,
        facts.late,
        facts.interceptors,
        facts.unwrapping,
        facts.tolerated,
        facts.stubborn,
        facts.otherHost,
        facts.aged,
        facts.secrets,
        facts.brokenAnswer,
        facts.reload,
    ],
};
