// Judges what the portal tells browsers by the rules of Mozilla's HTTP Observatory, with the Observatory's own code:
//
//     headers.mjs ADDRESS...
//
// Every rule has to give all the points it has, but for two that have more for others: the portal sets no cookie before somebody
// signs in, and a host comes onto the browsers' preload lists by asking them.

import { ALL_TESTS } from '@mdn/mdn-http-observatory/src/constants.js';
import { getGradeForScore, getScoreDescription, getScoreModifier } from '@mdn/mdn-http-observatory/src/grader/grader.js';
import { retrieve } from '@mdn/mdn-http-observatory/src/retriever/retriever.js';

const MORE_FOR_OTHERS = ['cookies', 'strict-transport-security'];

async function judge(address) {
  const { hostname, port, pathname } = new URL(address);
  // Where TLS is spoken nothing answers plain HTTP.
  const found = await retrieve(hostname, { httpsPort: port, httpPort: port, path: pathname });
  if (found.responses.auto?.status !== 200) throw new Error(`${address} does not answer`);
  let score = 100;
  let good = true;
  console.log(pathname);
  for (const rule of ALL_TESTS) {
    const { constructor, pass, result } = rule(found);
    const points = getScoreModifier(result);
    const most = Math.max(...constructor.possibleResults.map(getScoreModifier));
    score += points;
    const enough = pass && (points === most || MORE_FOR_OTHERS.includes(constructor.name));
    good &&= enough;
    const words = getScoreDescription(result).replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ').trim();
    console.log(`  ${enough ? 'ok ' : 'NOT'} ${constructor.name.padEnd(30)} ${String(points).padStart(3)} of ${String(most).padStart(2)}  ${words}`);
  }
  console.log(`  score ${score}, grade ${getGradeForScore(score).grade}\n`);
  return good;
}

const verdicts = [];
for (const address of process.argv.slice(2)) verdicts.push(await judge(address));
process.exitCode = verdicts.every(Boolean) ? 0 : 1;
