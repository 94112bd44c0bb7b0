// The web provider in Node: evaluates, asks again (304) and prints both details.
import { createRequire } from 'node:module';

const [home, baseUrl, key, flag, targetingKey] = process.argv.slice(2);
const require = createRequire(`${home}/`);
const { OpenFeature } = require('@openfeature/web-sdk');
const { OFREPWebProvider } = require('@openfeature/ofrep-web-provider');

const headers = [['Authorization', `Bearer ${key}`]];
await OpenFeature.setContext({ targetingKey });
await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl, headers, cacheMode: 'disabled' }));
const client = OpenFeature.getClient();
console.log(JSON.stringify(client.getBooleanDetails(flag, false)));
await OpenFeature.setContext({ targetingKey, again: true });
console.log(JSON.stringify(client.getBooleanDetails(flag, false)));
await OpenFeature.close();
