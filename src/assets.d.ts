// Files without types that the bundler puts into the program; as their text or, for what is served as it stands, as the path of a file inside it.
declare module "*.sql" {
  const text: string;
  export default text;
}
declare module "swagger-ui-dist/swagger-ui-bundle.js" {
  const path: string;
  export default path;
}
declare module "swagger-ui-dist/swagger-ui.css" {
  const path: string;
  export default path;
}
declare module "fxa-common-password-list/src/encoded-passwords.js" {
  const lines: string;
  export default lines;
}
declare module "*/form-script.js" {
  const text: string;
  export default text;
}
declare module "*/page.css" {
  const text: string;
  export default text;
}
