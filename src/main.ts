process.stdout.write("shodo\n");
