export { handler } from "shodo/lambda";
