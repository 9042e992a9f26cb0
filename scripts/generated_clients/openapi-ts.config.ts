// For @hey-api/openapi-ts: Node.js needs the extensions of imported files.
export default {
  input: '',
  output: { path: 'source/client', importFileExtension: '.js' },
  plugins: ['@hey-api/client-fetch', '@hey-api/sdk', '@hey-api/typescript'],
};
