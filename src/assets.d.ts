// Files without types that the bundler puts into the program; all are text.
declare module "*.sql" {
  const text: string;
  export default text;
}
declare module "swagger-ui-dist/swagger-ui-bundle.js" {
  const text: string;
  export default text;
}
declare module "swagger-ui-dist/swagger-ui.css" {
  const text: string;
  export default text;
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
